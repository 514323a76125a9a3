import CRE2
package import InterlockModel

/// Patterns on RE2: linear time in the text for every pattern, no back-references, no look-around.
package struct RE2Compiler: PatternCompiler {
    /// RE2's memory budget in bytes for one pattern's programs and automata (docs/specs/policy.md, section 5.5).
    package static let memoryBytes = 1 << 20

    package init() {}

    package func compile(_ text: String) throws(PatternError) -> any Pattern {
        try RE2Pattern(text)
    }
}

/// Owns the C++ object.
@safe final class RE2Pattern: Pattern {
    // RE2 objects are immutable after compilation and lock their caches themselves.
    private nonisolated(unsafe) let handle: OpaquePointer
    let instructions: Int

    init(_ text: String) throws(PatternError) {
        var text = text
        let compiled = unsafe withCharacters(of: &text) { characters, count in
            unsafe interlock_re2_compile(characters, count, RE2Compiler.memoryBytes)
        }
        guard let handle = unsafe compiled else {
            throw PatternError(message: "no memory for the pattern")
        }
        if let reason = unsafe interlock_re2_error(handle) {
            let message = unsafe String(cString: reason).lowercased()
            unsafe interlock_re2_free(handle)
            throw PatternError(message: message)
        }
        unsafe self.handle = handle
        instructions = unsafe max(1, interlock_re2_program_size(handle))
    }

    deinit { unsafe interlock_re2_free(handle) }

    func matches(_ text: String) -> Bool {
        var text = text
        return unsafe withCharacters(of: &text) { characters, count in
            unsafe interlock_re2_match(handle, characters, count)
        }
    }
}

/// Passes the text's UTF-8 to `body`; the pointer is valid only during the call, and may be nil for empty text.
private func withCharacters<Result>(
    of text: inout String, _ body: (UnsafePointer<CChar>?, Int) -> Result
) -> Result {
    text.withUTF8 { bytes in
        unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
            unsafe body(characters.baseAddress, characters.count)
        }
    }
}
