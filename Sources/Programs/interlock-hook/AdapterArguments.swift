import CHookGuard
import InterlockHooks
import InterlockJSON

/// The command line: `interlock-hook HOST [--event EVENT]`.
struct AdapterArguments {
    let host: HookHost
    /// The event, for hosts whose payload does not name it.
    let event: String?

    init() throws(AdapterFailure) {
        let words = Self.words()
        guard words.count == 1 || words.count == 3 && sameBytes(words[1], "--event") else {
            throw .usage("expected `interlock-hook HOST [--event EVENT]`")
        }
        guard let host = HookHost.allCases.first(where: { sameBytes($0.rawValue, words[0]) })
        else {
            let known = HookHost.allCases.map(\.rawValue).joined(separator: ", ")
            throw .usage("unknown host `\(words[0])`: expected one of \(known)")
        }
        self.host = host
        event = words.count == 3 ? words[2] : nil
    }

    /// The words after the program's name, at most four: more are too many in any case.
    private static func words() -> [String] {
        var words: [String] = []
        while words.count < 4, let word = unsafe interlock_hook_argument(Int32(words.count + 1)) {
            words.append(unsafe String(cString: word))
        }
        return words
    }
}
