/// The variables of a Git configuration file, in order (git-config(1), "CONFIGURATION FILE").
package struct GitConfiguration: Hashable, Sendable {
    package struct Variable: Hashable, Sendable {
        /// The name in lower case.
        package let section: [UInt8]
        /// The text as it is written, which is case-sensitive; nil if there is none.
        package let subsection: [UInt8]?
        /// The name in lower case, without the section.
        package let name: [UInt8]
        /// Is nil for a name without `=`, which means true.
        package let value: [UInt8]?

        package init(
            section: [UInt8], subsection: [UInt8]?, name: [UInt8], value: [UInt8]?
        ) {
            (self.section, self.subsection, self.name) = (section, subsection, name)
            self.value = value
        }
    }

    /// The most bytes of a file that is read.
    package static let mostBytes = 1 << 20
    package static let mostVariables = 20_000

    package let variables: [Variable]

    package init(_ variables: [Variable]) { self.variables = variables }

    /// - Throws: the number of the line at which the file is not as Git reads it, from 1.
    package init(parsing bytes: [UInt8]) throws(GitConfigurationError) {
        guard bytes.count <= Self.mostBytes else { throw GitConfigurationError(line: 1) }
        var parser = GitConfigurationParser(bytes)
        variables = try parser.file()
    }

    /// The text that Git reads as these variables. Values are quoted.
    package var text: [UInt8] {
        var text: [UInt8] = []
        var last: (section: [UInt8], subsection: [UInt8]?)?
        for variable in variables {
            if last == nil || last?.section != variable.section
                || last?.subsection != variable.subsection
            {
                last = (variable.section, variable.subsection)
                text += "[".utf8
                text += variable.section
                if let subsection = variable.subsection {
                    text += " \"".utf8
                    for byte in subsection {
                        if byte == UInt8(ascii: "\"") || byte == UInt8(ascii: "\\") {
                            text.append(UInt8(ascii: "\\"))
                        }
                        text.append(byte)
                    }
                    text += "\"".utf8
                }
                text += "]\n".utf8
            }
            text += "\t".utf8
            text += variable.name
            if let value = variable.value {
                text += " = \"".utf8
                for byte in value { text += Self.escaped(byte) }
                text += "\"".utf8
            }
            text += "\n".utf8
        }
        return text
    }

    private static func escaped(_ byte: UInt8) -> [UInt8] {
        switch byte {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): [UInt8(ascii: "\\"), byte]
        case UInt8(ascii: "\n"): Array("\\n".utf8)
        case UInt8(ascii: "\t"): Array("\\t".utf8)
        case 0x08: Array("\\b".utf8)
        default: [byte]
        }
    }
}

package struct GitConfigurationError: Error, Hashable {
    package let line: Int
}
