#compdef pushfanout
# Completion of pushfanout in zsh. The program says what may follow the words so far; where nothing does, files are offered.
_pushfanout() {
  local line="${(j: :)words[2,CURRENT-1]} "
  local -a found
  found=("${(@f)$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)}")
  found=("${(@)found:#}")
  compadd -a found || _files
}
if [[ "${funcstack[1]}" == _pushfanout ]]; then
  _pushfanout "$@"
else
  compdef _pushfanout pushfanout
fi
