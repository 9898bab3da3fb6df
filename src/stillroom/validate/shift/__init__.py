"""What happens out of the domain: is it noticed, what is lost, and does leaving cases to people help?"""
