"""Parts are killed while a hospital sends visits; then sets are compared: nothing lost, nothing twice."""
