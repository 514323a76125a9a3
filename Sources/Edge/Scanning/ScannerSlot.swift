import InterlockModel
import InterlockPorts
import InterlockSafety
import Synchronization

/// The values of the broker as they were read at one time.
final class RegisteredValues: Sendable {
    let values: BrokeredValues
    /// Bytes that change if the values do.
    let revision: [UInt8]
    private let readAt: ContinuousClock.Instant

    init(_ values: BrokeredValues, revision: [UInt8], readAt: ContinuousClock.Instant) {
        (self.values, self.revision, self.readAt) = (values, revision, readAt)
    }

    /// The time since the values were read.
    var age: Duration { readAt.duration(to: .now) }
}

/// One scanner with its scratch, which one thread uses at a time. It is made for the first search.
final class ScannerSlot: Sendable {
    private struct Loaded {
        let scanner: SecretScanner
        var registered: RegisteredValues
    }

    private let compiled: CompiledRules
    private let hashing: any Hashing
    private let blockBytes: Int
    private let state = Mutex<Loaded?>(nil)

    /// - Parameter blockBytes: the bytes that are searched at a time, which decide the memory of the scanner.
    init(_ compiled: CompiledRules, hashing: any Hashing, blockBytes: Int) {
        (self.compiled, self.hashing, self.blockBytes) = (compiled, hashing, blockBytes)
    }

    /// Waits for a search that is under way here.
    func search(_ document: JoinedTexts, for values: RegisteredValues) -> ResultInspection {
        state.withLock { loaded in search(document, values, &loaded) }
    }

    /// - Returns: nil if another thread searches here.
    func searchIfFree(_ document: JoinedTexts, for values: RegisteredValues) -> ResultInspection? {
        state.withLockIfAvailable { loaded in search(document, values, &loaded) }
    }

    private func search(
        _ document: JoinedTexts, _ values: RegisteredValues, _ loaded: inout Loaded?
    ) -> ResultInspection {
        do throws(ScanFailure) {
            let scanner = try load(values, &loaded)
            scanner.begin()
            try scanner.take(document.bytes.span)
            return document.inspection(of: try scanner.finish())
        } catch { return .failed(.scanner) }
    }

    private func load(
        _ values: RegisteredValues, _ loaded: inout Loaded?
    ) throws(ScanFailure) -> SecretScanner {
        if let known = loaded {
            if known.registered !== values {
                if known.registered.revision != values.revision {
                    known.scanner.replace(values.values, revision: values.revision)
                }
                loaded?.registered = values
            }
            return known.scanner
        }
        let scanner = try SecretScanner(
            compiled, values: values.values, revision: values.revision, hashing: hashing,
            keeping: ResultSearch.mostFindings, blockBytes: blockBytes)
        loaded = Loaded(scanner: scanner, registered: values)
        return scanner
    }
}
