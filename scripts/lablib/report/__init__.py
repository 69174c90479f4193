"""The report: one HTML file for the person who must choose an allocator and defend the choice.

sides measures, verdict chooses, risks warns, pareto draws; content gathers what the page shows, page
renders it. Every judgement is made from this result alone and says what it rests on.
"""
