CREATE SCHEMA billing;
CREATE TYPE billing.plan AS ENUM ('starter', 'growth', 'scale');
CREATE TABLE billing.subscriptions (
    id bigserial PRIMARY KEY,
    customer text NOT NULL,
    plan billing.plan NOT NULL DEFAULT 'starter',
    amount numeric(12,2),
    currency varchar(3),
    rate numeric,
    seats int,
    usage bigint,
    share real,
    score double precision,
    started timestamp,
    changed timestamptz,
    renews date,
    opens time,
    opens_exactly time(6),
    opens_at timetz,
    features jsonb,
    tags text[],
    levels numeric[],
    token uuid,
    seal bytea,
    active boolean,
    price money,
    term interval,
    address inet
);
ALTER TABLE billing.subscriptions REPLICA IDENTITY FULL;
CREATE TABLE billing.invoices (
    id int PRIMARY KEY,
    status text NOT NULL,
    total numeric(12,2) NOT NULL,
    issued timestamptz NOT NULL,
    body text,
    remark text
);
CREATE TABLE billing.outbox (
    id uuid PRIMARY KEY,
    aggregatetype varchar(255) NOT NULL,
    aggregateid varchar(255) NOT NULL,
    type varchar(255) NOT NULL,
    payload jsonb,
    tenant text
);
CREATE TABLE billing.signals (id varchar(64) PRIMARY KEY, type varchar(32) NOT NULL, data varchar(2048));
CREATE TABLE billing.heartbeats (id int PRIMARY KEY, at timestamptz);
CREATE TABLE billing.marks (id int PRIMARY KEY);
INSERT INTO billing.heartbeats VALUES (1, now());
INSERT INTO billing.subscriptions (customer, plan, amount, currency, rate, seats, usage, share, score, started, changed,
    renews, opens, opens_exactly, opens_at, features, tags, levels, token, seal, active, price, term, address)
VALUES
    ('c-301', 'starter', 149.50, 'EUR', 0.1, 3, 9007199254740993, 0.1, 0.1,
     '2026-10-25 02:30:00.123456', '2026-10-25 02:30:00.123456+02', '2026-12-31', '08:15:30', '08:15:30.123456',
     '08:15:30+02', '{"limit": 1.10, "regions": ["eu", "us"]}', '{a,"b c"}', '{1.10,2,-0.005}',
     '0b7d9f4e-54c4-4c0b-9d0c-5f6f0d5f9c11', '\x00ff10', true, '1234.50', '1 year 2 mons 3 days 04:05:06.789', '10.1.2.3'),
    ('c-302', 'starter', 'NaN', 'EUR', 'NaN', 1, -1, 'NaN', '-Infinity',
     'infinity', '-infinity', 'infinity', '24:00:00', '00:00:00', NULL, 'null', '{}', '{NaN}', NULL, '\x', false,
     '-0.01', '-1 days', NULL),
    ('c-303', 'growth', NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL,
     NULL, NULL, NULL, NULL, NULL, NULL);
ALTER TABLE billing.invoices ALTER COLUMN body SET STORAGE EXTERNAL;
INSERT INTO billing.invoices VALUES
    (1, 'open', -26588.24, '2026-11-18 11:06:40.5+00', (SELECT string_agg(md5(n::text), '') FROM generate_series(1, 75) n),
     NULL),
    (2, 'open', 19.00, '2026-11-19 00:00:00+00', NULL, 'two');
