# Completion of pushfanout in fish. The program says what may follow the words so far, and files are offered beside it.
function __pushfanout_complete
    set -l words (commandline -opc)
    set -l line (string join ' ' -- $words[2..-1])' '
    $words[1] "[suggest:"(string length -- "$line")"]" "$line" 2>/dev/null
end
complete -c pushfanout -a '(__pushfanout_complete)'
