# systemd/debian/finish.cmake - what only a Debian package has: compressed pages, changelog, copyright.
# CPack runs it over the staged tree, before it packs.
set(share "${CPACK_TEMPORARY_INSTALL_DIRECTORY}${CPACK_INSTALL_PREFIX}/share")
set(doc "${share}/doc/wiredesk")
foreach(name copyright changelog)   # whatever the umask of the checkout was
  configure_file("${CMAKE_CURRENT_LIST_DIR}/${name}" "${doc}/${name}" COPYONLY
    FILE_PERMISSIONS OWNER_READ OWNER_WRITE GROUP_READ WORLD_READ)
endforeach()
file(REMOVE "${doc}/LICENSE")   # it is in copyright
file(GLOB pages "${share}/man/man?/*[0-9]")
execute_process(COMMAND gzip --best --no-name --force ${pages} "${doc}/changelog"
  COMMAND_ERROR_IS_FATAL ANY)
