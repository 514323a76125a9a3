import InterlockAdministration

/// The status of a server, in words as well as colour.
enum ServerState {
    @HTMLBuilder static func words(_ state: ServerStatus.State) -> [HTML] {
        switch state {
        case .ready: badge(state.text, .good)
        case .notConnected, .connecting: badge(state.text)
        case .unavailable, .refused: badge(state.text, .warning)
        case .quarantined: badge(state.text, .bad)
        }
        if let reason = state.reason {
            " "
            SafeText.text(reason)
        }
    }
}

extension ServerStatus.Offered {
    var words: String {
        let parts = [
            (tools, "tools"), (resources, "resources"), (templates, "templates"),
            (prompts, "prompts"),
        ]
        let told = parts.filter { $0.0 > 0 }.map { "\($0.0) \($0.1)" }
        return told.isEmpty ? "nothing" : told.joined(separator: ", ")
    }
}
