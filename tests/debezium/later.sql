ALTER TABLE billing.subscriptions ADD COLUMN seller text;
INSERT INTO billing.subscriptions (customer, plan, amount, currency, seller) VALUES ('c-305', 'starter', 10, 'EUR', 's-1');
UPDATE billing.subscriptions SET plan = 'scale', amount = 77.7 WHERE customer = 'c-305';
