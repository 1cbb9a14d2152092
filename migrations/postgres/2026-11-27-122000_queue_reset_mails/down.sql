DROP TABLE reset_mails;
