# Completion of pushfanout in bash. The program says what may follow the words so far; where nothing does, files are offered.
_pushfanout() {
  local before=("${COMP_WORDS[@]:1:COMP_CWORD-1}") line found IFS=' '
  line="${before[*]} "
  IFS=$'\n'
  found="$("${COMP_WORDS[0]}" "[suggest:${#line}]" "$line" 2>/dev/null)" || return
  COMPREPLY=($(compgen -W "$found" -- "${COMP_WORDS[COMP_CWORD]}"))
}
complete -o default -F _pushfanout pushfanout
