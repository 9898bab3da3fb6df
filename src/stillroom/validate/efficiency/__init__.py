"""What use costs: sizes, times, operations, energy, and after how many answers the distillation has paid for itself."""
