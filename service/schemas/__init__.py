"""What is answered, field by field, as the contract has it; each answer knows the record it is made from."""
