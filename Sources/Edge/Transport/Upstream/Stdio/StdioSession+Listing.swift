import InterlockJSON
import InterlockMCP

extension StdioSession {
    func listTools() async -> Result<ListedTools, UpstreamTrouble> {
        var list = UpstreamToolList()
        var cursor: String?
        repeat {
            switch await page(cursor) {
            case .failure(let trouble): return .failure(trouble)
            case .success(nil): return .success(ListedTools())
            case .success(let page?):
                do throws(UpstreamProtocolError) { cursor = try list.add(page) } catch {
                    return .failure(UpstreamTrouble(error.description))
                }
            }
        } while cursor != nil
        return .success(ListedTools(list))
    }

    /// - Returns: nil when the server has no tools at all.
    private func page(_ cursor: String?) async -> Result<UpstreamToolPage?, UpstreamTrouble> {
        await withCheckedContinuation { continuation in
            loop.perform {
                self.ready { result in
                    guard case .success(let process) = result else {
                        if case .failure(let trouble) = result {
                            continuation.resume(returning: .failure(trouble))
                        }
                        return
                    }
                    guard let handshake = process.handshake, handshake.hasTools else {
                        return continuation.resume(returning: .success(nil))
                    }
                    let id = self.shared.nextID()
                    let envelope =
                        handshake.version.isModern ? self.shared.envelope(handshake.version) : nil
                    self.ask(
                        process, id,
                        UpstreamMessages.listTools(id: id, cursor: cursor, envelope),
                        patience: self.limits.handshake
                    ) { continuation.resume(returning: $0.result.flatMap(Self.page)) }
                }
            }
        }
    }

    private static func page(_ object: JSONObject) -> Result<UpstreamToolPage?, UpstreamTrouble> {
        do throws(UpstreamProtocolError) {
            return .success(try UpstreamToolPage(object))
        } catch {
            return .failure(UpstreamTrouble(error.description))
        }
    }
}
