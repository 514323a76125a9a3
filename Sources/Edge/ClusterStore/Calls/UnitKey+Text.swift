import InterlockCluster
import InterlockLimits
import InterlockModel

/// The key of a limit in the store: `<seconds>/<agent>/<limit>`. The window is part of it, since the store has one window
/// for a key.
extension UnitKey {
    /// The length of a limit's name, in bytes; the store has 400 for a key.
    private static let name = 1...256

    /// Is nil if the store has no such key.
    var storeText: String? {
        guard Self.lengths.contains(window.seconds), Self.name.contains(window.limit.utf8.count),
            !window.limit.utf8.contains(0)
        else { return nil }
        return "\(window.seconds)/\(agent)/\(window.limit)"
    }

    init?(storeText text: String) {
        let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
        guard parts.count == 3, let seconds = Int64(parts[0]),
            let agent = AgentName(String(parts[1]))
        else { return nil }
        self.init(agent, LimitWindow(limit: String(parts[2]), seconds: seconds))
        guard let written = storeText, written.utf8.elementsEqual(text.utf8) else { return nil }
    }
}
