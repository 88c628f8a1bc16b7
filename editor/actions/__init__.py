"""Everything the user can do, as data: menus, tool bar, shortcuts and their documentation."""
