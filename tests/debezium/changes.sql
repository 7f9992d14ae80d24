INSERT INTO billing.subscriptions (customer, plan, amount, currency, rate, seats, started, changed, renews, features)
VALUES ('c-304', 'growth', 1200, 'EUR', 1E-10, 12, '2026-11-20 00:00:00', '2026-11-20 00:00:00+00', '2027-11-20',
    '{"source": "web"}');
UPDATE billing.subscriptions SET plan = 'scale', amount = 299.00 WHERE id = 1;
UPDATE billing.subscriptions SET plan = 'growth', amount = 12345678.90 WHERE id = 2;
UPDATE billing.subscriptions SET amount = 300.10 WHERE id = 1;
UPDATE billing.invoices SET status = 'paid' WHERE id = 1;
UPDATE billing.invoices SET status = 'refunded', total = -0.05 WHERE id = 2;
UPDATE billing.invoices SET id = 3 WHERE id = 2;
BEGIN;
UPDATE billing.subscriptions SET seats = 4 WHERE id = 1;
UPDATE billing.subscriptions SET seats = 5, plan = 'growth' WHERE id = 1;
COMMIT;
DELETE FROM billing.subscriptions WHERE id = 3;
DELETE FROM billing.invoices WHERE id = 3;
BEGIN;
INSERT INTO billing.outbox VALUES ('5a1f2b0e-9d0c-4b57-8f6e-6d7f0a2b3c4d', 'subscription', 's-1', 'SubscriptionUpgraded',
    '{"subscription": "s-1", "customer": "c-301", "total": 299.00, "currency": "EUR", "lines": [{"price": 1.10, "count": 2}]}',
    'acme');
DELETE FROM billing.outbox;
COMMIT;
TRUNCATE billing.invoices;
INSERT INTO billing.signals VALUES ('again', 'execute-snapshot',
    '{"type": "incremental", "data-collections": ["billing.subscriptions"]}');
