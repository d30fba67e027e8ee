-- Summarizes pages of recently stored readings in their BRIN index. Without any, no table is locked.
SELECT summarize_new_pages()
