/// Scripts that complete the program's command lines in a shell, made from the commands themselves.
package enum Completion {
    package enum Shell: String, CaseIterable, Sendable { case bash, zsh, fish }

    package static func script(for shell: Shell, _ commands: [Command]) -> String {
        let table = table(of: commands)
        return switch shell {
        case .bash: bash(table)
        case .zsh: zsh(table)
        case .fish: fish(table)
        }
    }

    /// The words that may follow some words of a command.
    private struct Row {
        /// The words before, each after a space.
        let path: String
        /// The next words, or the options of a whole command.
        let next: [String]

        /// True if only words of commands can follow, so that names of files are no help.
        var isGroup: Bool { !next.contains("--help") }
    }

    private static func table(of commands: [Command]) -> [Row] {
        var rows: [String: [String]] = [:]
        var order: [String] = []
        func add(_ words: [String], at path: String) {
            if rows[path] == nil { order.append(path) }
            for word in words where rows[path]?.contains(word) != true {
                rows[path, default: []].append(word)
            }
        }
        for command in commands {
            var path = ""
            for word in command.path {
                add([word], at: path)
                path += " " + word
            }
            add(command.options.map(\.dashed) + ["--help"], at: path)
        }
        return order.map { Row(path: $0, next: rows[$0] ?? []) }
    }

    /// `case` patterns for all paths but the empty one.
    private static func paths(_ table: [Row]) -> String {
        table.map(\.path).filter { !$0.isEmpty }.map { "'\($0)'" }.joined(separator: "|")
    }

    private static func cases(_ table: [Row], _ body: (Row) -> String) -> String {
        table.map { "    '\($0.path)') \(body($0));;" }.joined(separator: "\n")
    }

    private static func bash(_ table: [Row]) -> String {
        """
        # bash completion of interlock: source <(interlock completion bash)
        _interlock() {
          local current=${COMP_WORDS[COMP_CWORD]} line= word
          for word in "${COMP_WORDS[@]:1:COMP_CWORD-1}"; do
            case "$line $word" in \(paths(table))) line="$line $word" ;; esac
          done
          case $line in
        \(cases(table) { "COMPREPLY=($(compgen -W '\($0.next.joined(separator: " "))' -- \"$current\"))" })
          esac
        }
        complete -o default -F _interlock interlock

        """
    }

    private static func zsh(_ table: [Row]) -> String {
        """
        #compdef interlock
        # zsh completion of interlock: source <(interlock completion zsh)
        _interlock() {
          local line= word
          for word in "${(@)words[2,CURRENT-1]}"; do
            case "$line $word" in (\(paths(table))) line="$line $word" ;; esac
          done
          case $line in
        \(cases(table) { "compadd -- \($0.next.joined(separator: " "))\($0.isGroup ? "; return" : "")" })
          esac
          [[ $PREFIX == -* ]] || _files
        }
        if [ "$funcstack[1]" = _interlock ]; then _interlock "$@"; else compdef _interlock interlock; fi

        """
    }

    private static func fish(_ table: [Row]) -> String {
        """
        # fish completion of interlock: interlock completion fish | source
        function __interlock_line
          set -l line ''
          for word in (commandline -opc)[2..]
            switch "$line $word"
              case \(table.map(\.path).filter { !$0.isEmpty }.map { "'\($0)'" }.joined(separator: " "))
                set line "$line $word"
            end
          end
          echo $line
        end
        function __interlock_next
          switch (__interlock_line)
        \(table.map { "    case '\($0.path)'\n      printf '%s\\n' \($0.next.joined(separator: " "))" }.joined(separator: "\n"))
          end
        end
        function __interlock_is_group
          contains -- (__interlock_line) \(table.filter(\.isGroup).map { "'\($0.path)'" }.joined(separator: " "))
        end
        complete -c interlock -n __interlock_is_group -f
        complete -c interlock -a '(__interlock_next)'

        """
    }
}
