import InterlockModel

/// The state of one pass over a configuration file.
struct GitConfigurationParser {
    private let bytes: [UInt8]
    private var position = 0
    private var line = 1
    private var section: (name: [UInt8], subsection: [UInt8]?)?
    private var variables: [GitConfiguration.Variable] = []

    init(_ bytes: [UInt8]) {
        // A byte order mark and carriage returns before line feeds are skipped, as Git does.
        let isMarked = bytes.starts(with: [0xef, 0xbb, 0xbf])
        var text: [UInt8] = []
        text.reserveCapacity(bytes.count)
        for (index, byte) in bytes.enumerated().dropFirst(isMarked ? 3 : 0) {
            let isBeforeFeed = index + 1 < bytes.count && bytes[index + 1] == UInt8(ascii: "\n")
            if byte != UInt8(ascii: "\r") || !isBeforeFeed { text.append(byte) }
        }
        self.bytes = text
    }

    mutating func file() throws(GitConfigurationError) -> [GitConfiguration.Variable] {
        while let byte = peek {
            switch byte {
            case UInt8(ascii: "\n"), UInt8(ascii: " "), UInt8(ascii: "\t"), 0x0b, 0x0c, 0x0d:
                advance()
            case UInt8(ascii: "#"), UInt8(ascii: ";"): skipLine()
            case UInt8(ascii: "["):
                advance()
                section = try header()
            default:
                guard let section, isLetter(byte) else { throw fault }
                let (name, value) = try variable()
                guard variables.count < GitConfiguration.mostVariables else { throw fault }
                variables.append(
                    .init(
                        section: section.name, subsection: section.subsection, name: name,
                        value: value))
            }
        }
        return variables
    }

    private var peek: UInt8? { position < bytes.count ? bytes[position] : nil }
    private var fault: GitConfigurationError { GitConfigurationError(line: line) }

    private mutating func advance() {
        if bytes[position] == UInt8(ascii: "\n") { line += 1 }
        position += 1
    }

    private mutating func skipLine() {
        while let byte = peek, byte != UInt8(ascii: "\n") { advance() }
    }

    private func isLetter(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(lowercased(byte))
    }

    private func isNameByte(_ byte: UInt8) -> Bool {
        isLetter(byte) || (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            || byte == UInt8(ascii: "-")
    }

    /// Reads the rest of `[section]`, `[section "subsection"]` or `[section.subsection]`.
    private mutating func header() throws(GitConfigurationError) -> ([UInt8], [UInt8]?) {
        var name: [UInt8] = []
        while let byte = peek, isNameByte(byte) || byte == UInt8(ascii: ".") {
            name.append(lowercased(byte))
            advance()
        }
        guard !name.isEmpty else { throw fault }
        if peek == UInt8(ascii: "]") {
            advance()
            guard let dot = name.firstIndex(of: UInt8(ascii: ".")) else { return (name, nil) }
            return (Array(name[..<dot]), Array(name[(dot + 1)...]))
        }
        guard peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") else { throw fault }
        while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { advance() }
        guard peek == UInt8(ascii: "\"") else { throw fault }
        advance()
        var subsection: [UInt8] = []
        while let byte = peek, byte != UInt8(ascii: "\"") {
            guard byte != UInt8(ascii: "\n") else { throw fault }
            advance()
            guard byte == UInt8(ascii: "\\") else {
                subsection.append(byte)
                continue
            }
            guard let next = peek, next != UInt8(ascii: "\n") else { throw fault }
            subsection.append(next)
            advance()
        }
        guard peek != nil else { throw fault }
        advance()
        guard peek == UInt8(ascii: "]") else { throw fault }
        advance()
        return (name, subsection)
    }

    private mutating func variable() throws(GitConfigurationError) -> ([UInt8], [UInt8]?) {
        var name: [UInt8] = []
        while let byte = peek, isNameByte(byte) {
            name.append(lowercased(byte))
            advance()
        }
        while peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") { advance() }
        switch peek {
        case nil, UInt8(ascii: "\n"): return (name, nil)
        case UInt8(ascii: "="):
            advance()
            return (name, try value())
        default: throw fault
        }
    }

    /// Reads to the end of the line, or of the last of several that a backslash joins.
    private mutating func value() throws(GitConfigurationError) -> [UInt8] {
        var value: [UInt8] = []
        // White space that belongs to the value only if more follows.
        var space: [UInt8] = []
        var isQuoted = false
        while let byte = peek, byte != UInt8(ascii: "\n") {
            if !isQuoted, byte == UInt8(ascii: "#") || byte == UInt8(ascii: ";") {
                skipLine()
                break
            }
            advance()
            if !isQuoted, byte == UInt8(ascii: " ") || byte == UInt8(ascii: "\t") {
                if !value.isEmpty { space.append(byte) }
                continue
            }
            if byte == UInt8(ascii: "\\"), peek == UInt8(ascii: "\n") {
                advance()
                continue
            }
            value += space
            space = []
            switch byte {
            case UInt8(ascii: "\""): isQuoted.toggle()
            case UInt8(ascii: "\\"): value.append(try escape())
            default: value.append(byte)
            }
        }
        guard !isQuoted else { throw fault }
        return value
    }

    private mutating func escape() throws(GitConfigurationError) -> UInt8 {
        guard let byte = peek else { throw fault }
        advance()
        switch byte {
        case UInt8(ascii: "n"): return UInt8(ascii: "\n")
        case UInt8(ascii: "t"): return UInt8(ascii: "\t")
        case UInt8(ascii: "b"): return 0x08
        case UInt8(ascii: "\""), UInt8(ascii: "\\"): return byte
        default: throw fault
        }
    }
}
