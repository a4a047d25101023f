//! Invoices and credit notes, assembled from the rows of a VAT report.
