package import InterlockModel

/// The tools that a forbid or an effect rule applies to.
package enum ToolPattern: Sendable, Hashable {
    case everything
    case server(ServerName)
    /// A tool, or a resource or prompt in the form `resource:name` or `prompt:name`.
    case item(ServerName, String)

    init?(_ text: String) {
        if text == "*" {
            self = .everything
            return
        }
        guard let dot = text.firstIndex(of: "."), let server = ServerName(String(text[..<dot]))
        else { return nil }
        let item = String(text[text.index(after: dot)...])
        if item == "*" {
            self = .server(server)
        } else if readItem(item) {
            self = .item(server, item)
        } else {
            return nil
        }
    }

    func matches(_ address: ToolAddress) -> Bool {
        switch self {
        case .everything: true
        case .server(let server): server == address.server
        case .item(let server, let item): server == address.server && item == address.tool.text
        }
    }
}
