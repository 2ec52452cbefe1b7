"""`/worklist`: episodes by due date, with views, filters, and what can be done without opening one."""
