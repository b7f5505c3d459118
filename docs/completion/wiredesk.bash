# docs/completion/wiredesk.bash - bash completion: asks the program itself, so it is never out of date.

_wiredesk() {
    local current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local verb=${COMP_WORDS[1]} words
    COMPREPLY=()
    if [ "$COMP_CWORD" -eq 1 ]; then
        words="$(wiredesk --help 2>/dev/null | sed -n 's/^  \([a-z]\{2,\}\) .*/\1/p') --help --version"
    elif [ "$COMP_CWORD" -eq 2 ] && [[ $current != -* ]] &&
        words=$(wiredesk "$verb" --help 2>/dev/null | sed -n '1!s/^  \([a-z]\{2,\}\) .*/\1/p') &&
        [ -n "$words" ]; then # a verb with verbs of its own
        :
    elif [[ $previous != --config && $current != -* ]] && [[ "$verb ${COMP_WORDS[2]}" =~ \
        ^(feeds (list|status|due|pause|resume|poll|reset)|explain feed|test .*)$ ]]; then
        words="$(wiredesk feeds list --json 2>/dev/null | sed -n 's/.*"feed":"\([^"]*\)".*/\1/p')"
    elif [[ $previous == --config || $current != -* ]]; then
        compopt -o filenames 2>/dev/null
        mapfile -t COMPREPLY < <(compgen -f -- "$current")
        return
    else
        words="$(wiredesk "$verb" --help 2>/dev/null | grep -oE -- '--[a-z][a-z-]+' | sort -u) --help"
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _wiredesk wiredesk
