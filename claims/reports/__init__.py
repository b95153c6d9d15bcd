from claims.reports.exporting import claims_csv

__all__ = ["claims_csv"]
