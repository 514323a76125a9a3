import InterlockAdministration

/// The status of a server, in words as well as colour.
enum ServerState {
    @HTMLBuilder static func words(_ state: ServerStatus.State) -> [HTML] {
        switch state {
        case .ready: Badge(.good, state.text).html
        case .notConnected, .connecting: Badge(.plain, state.text).html
        case .unavailable, .refused: Badge(.warning, state.text).html
        case .quarantined: Badge(.bad, state.text).html
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
