/// The arguments of `test`, `[` and `[[`. Some shells evaluate numbers and names in them, which can run commands.
enum TestExpression {
    private static let unary: Set<String> = [
        "-b", "-c", "-d", "-e", "-f", "-g", "-h", "-k", "-L", "-n", "-p", "-r", "-s", "-S", "-t",
        "-u", "-w", "-x", "-z", "-O", "-G", "-N",
    ]
    private static let text: Set<String> = ["=", "==", "!=", "=~", "-nt", "-ot", "-ef"]

    static func classify(_ rest: ArraySlice<ShellWord>, _ entry: String) -> Classification {
        var words = rest
        if entry != "test" {
            guard words.popLast()?.literal == (entry == "[" ? "]" : "]]") else {
                return Classification(.arbitrary, .syntax, entry)
            }
        }
        if words.first?.literal == "!" { words = words.dropFirst() }
        let doesSplit = entry != "[["
        let isWhole = !words.contains { $0.maySplit && doesSplit }
        let items = Array(words)
        let isUnderstood =
            switch items.count {
            case 0: true
            case 1: isWhole
            case 2: isWhole && items[0].literal.map(unary.contains) ?? false
            case 3 where isWhole && items[1].literal.map(text.contains) ?? false: true
            default: items.allSatisfy(isPlain)
            }
        return isUnderstood
            ? Classification(.read, .listed, entry) : Classification(.arbitrary, .arithmetic, entry)
    }

    /// Returns true for a word that evaluates to itself.
    private static func isPlain(_ word: ShellWord) -> Bool {
        guard let text = word.literal, text != "-v", text != "-R" else { return false }
        return text.utf8.allSatisfy {
            $0 != Byte.bracket && $0 != Byte.dollar && $0 != Byte.backquote && $0 != Byte.open
        }
    }
}
