package import InterlockModel

extension GuardText {
    /// The location of a character of the guard in the file.
    ///
    /// - Parameter offset: the offset of a `CELProblem`, in code points from the beginning of `source`.
    package func place(ofOffset offset: Int) -> PolicyLocation {
        switch (style, layout) {
        case (.literal, .indented(let indentation)):
            return placeInBlock(offset, indentation: indentation)
        case (.doubleQuoted, .escaped(let raw)):
            return moved(by: 1 + columns(of: offset, inEscaped: raw))
        case (.singleQuoted, _):
            let quotes = source.unicodeScalars.prefix(offset).count { $0 == "'" }
            return moved(by: 1 + offset + quotes)
        case (.doubleQuoted, _): return moved(by: 1 + offset)
        case (.plain, _), (.literal, _), (.folded, _): return moved(by: offset)
        }
    }

    private func moved(by columns: Int) -> PolicyLocation {
        PolicyLocation(file: place.file, line: place.line, column: place.column + columns)
    }

    /// The location in a literal block, whose text begins on the line after the `|`.
    private func placeInBlock(_ offset: Int, indentation: Int) -> PolicyLocation {
        var line = place.line + 1
        var column = indentation + 1
        for scalar in source.unicodeScalars.prefix(offset) {
            if scalar == "\n" {
                line += 1
                column = indentation + 1
            } else {
                column += 1
            }
        }
        return PolicyLocation(file: place.file, line: line, column: column)
    }

    /// The number of characters of a double-quoted text before the one at `offset`.
    private func columns(of offset: Int, inEscaped raw: String) -> Int {
        var rest = raw.unicodeScalars[...]
        for _ in 0..<offset {
            guard let first = rest.popFirst() else { break }
            guard first == "\\", let kind = rest.popFirst() else { continue }
            // YAML 1.1, 5.6: every other escape is one character after the backslash.
            switch kind {
            case "x": rest = rest.dropFirst(2)
            case "u": rest = rest.dropFirst(4)
            case "U": rest = rest.dropFirst(8)
            default: break
            }
        }
        return raw.unicodeScalars.count - rest.count
    }
}
