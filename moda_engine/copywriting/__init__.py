"""The texts of a product's page: rules, the writer's own words, and the guard of a model's."""
