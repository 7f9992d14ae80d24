INSERT INTO billing.marks VALUES (1);
