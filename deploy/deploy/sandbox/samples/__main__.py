"""`python -m deploy.sandbox.samples`: write the committed files anew from the stories."""

from deploy.sandbox.samples.stories import BUILDERS, FILES

if __name__ == "__main__":
    for name, build in BUILDERS.items():
        (FILES / name).write_bytes(build())
        print(name)
