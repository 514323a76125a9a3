/// The reason why bytes are not acceptable JSON, or why a value has no canonical form.
package struct JSONError: Error, Hashable, Sendable, CustomStringConvertible {
    package enum Kind: Sendable, Hashable, CaseIterable {
        case syntax
        case unexpectedEnd
        /// Bytes follow the value.
        case trailing
        case byteOrderMark
        case depth
        /// The document has more bytes or more values than the limit.
        case size
        /// One object has more members than the limit.
        case members
        case duplicateKey
        case invalidUTF8
        case loneSurrogate
        /// A string has more consecutive combining marks than `CombiningRun.longest`.
        case marks
        /// A number is spelled as an integer and lies outside +-(2^53-1).
        case integerRange
        /// A number lies beyond the range of doubles.
        case numberRange
        /// A number has more characters than `JSONNumber.longest`.
        case numberLength
    }

    package let kind: Kind
    /// The byte offset of the error, or 0 if there is no text (canonical form of a built value).
    package let offset: Int

    package init(_ kind: Kind, offset: Int) {
        self.kind = kind
        self.offset = offset
    }

    package var description: String {
        switch kind {
        case .syntax: "syntax error at byte \(offset)"
        case .unexpectedEnd: "unexpected end at byte \(offset)"
        case .trailing: "more than one value at byte \(offset)"
        case .byteOrderMark: "byte order mark at byte \(offset)"
        case .depth: "nested too deep at byte \(offset)"
        case .size: "too large at byte \(offset)"
        case .members: "too many members of one object at byte \(offset)"
        case .duplicateKey: "duplicate key at byte \(offset)"
        case .invalidUTF8: "invalid UTF-8 at byte \(offset)"
        case .loneSurrogate: "lone surrogate at byte \(offset)"
        case .marks: "too many combining marks in a row at byte \(offset)"
        case .integerRange: "integer beyond 2^53-1 at byte \(offset): send it as a string"
        case .numberLength: "number of too many digits at byte \(offset)"
        case .numberRange: "number beyond the range of doubles at byte \(offset)"
        }
    }
}
