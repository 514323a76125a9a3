import CRE2
import InterlockSafety

/// One rule's pattern in RE2, over bytes: finds the start and the extent of matches.
///
/// Nothing changes after `init`, and RE2 matches on any number of threads at a time.
@safe final class BytePattern: @unchecked Sendable {
    /// RE2's memory budget in bytes for one pattern's programs and automata (docs/specs/output-safety.md, section 5).
    private static let memoryBytes = 8 << 20

    /// The most instructions of one pattern's program: ranges of large counts make a program, and the time for a byte,
    /// grow with the count.
    private static let mostInstructions = 2500

    private let handle: OpaquePointer
    /// The number of instructions; the time for a byte is at most in proportion to it.
    let instructions: Int

    init(_ rule: ScanRule) throws(ScanFailure) {
        let text = rule.pattern.text.utf8.map { CChar(bitPattern: $0) }
        guard
            let handle = unsafe interlock_re2_compile_bytes(text, text.count, Self.memoryBytes)
        else { throw ScanFailure(.engine, "no memory for the rules") }
        guard unsafe interlock_re2_error(handle) == nil else {
            unsafe interlock_re2_free(handle)
            throw ScanFailure(.rules, "RE2 refuses the pattern of rule `\(rule.id)`")
        }
        instructions = unsafe max(1, interlock_re2_program_size(handle))
        guard instructions <= Self.mostInstructions else {
            unsafe interlock_re2_free(handle)
            throw ScanFailure(
                .rules, "the pattern of rule `\(rule.id)` has ranges of too large counts")
        }
        unsafe self.handle = handle
    }

    deinit { unsafe interlock_re2_free(handle) }

    /// Returns the first match that begins at `start` or later; of those that begin there, the longest.
    func match(in bytes: Span<UInt8>, from start: Int) -> Range<Int>? {
        var (first, length) = (0, 0)
        let isFound = unsafe bytes.withUnsafeBufferPointer { bytes in
            unsafe bytes.withMemoryRebound(to: CChar.self) { characters in
                unsafe interlock_re2_find(
                    handle, characters.baseAddress, characters.count, start, &first, &length)
            }
        }
        return isFound ? first..<first + length : nil
    }
}
