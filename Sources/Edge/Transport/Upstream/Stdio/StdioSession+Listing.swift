import InterlockJSON
import InterlockMCP

extension StdioSession {
    func list() async -> Result<ListedOffers, UpstreamFailure> {
        var listed = ListedOffers()
        for list in FeatureListMethod.allCases {
            switch await pages(of: list) {
            case .success(let all): listed.add(all)
            case .failure(let trouble):
                guard shared.leavesOut(list, for: trouble) else { return .failure(trouble) }
            }
        }
        return .success(listed)
    }

    private func pages(of list: FeatureListMethod) async -> Result<UpstreamList, UpstreamFailure> {
        var all = UpstreamList(list)
        var cursor: String?
        repeat {
            switch await page(of: list, cursor) {
            case .failure(let trouble): return .failure(trouble)
            case .success(nil): return .success(UpstreamList(list))
            case .success(let page?):
                do throws(UpstreamProtocolError) { cursor = try all.add(page) } catch {
                    return .failure(UpstreamFailure(error.description, wasAnswered: true))
                }
            }
        } while cursor != nil
        return .success(all)
    }

    /// - Returns: nil if the server has no such list.
    private func page(
        of list: FeatureListMethod, _ cursor: String?
    ) async -> Result<UpstreamPage?, UpstreamFailure> {
        await withCheckedContinuation { continuation in
            loop.perform {
                guard self.mayList else {
                    return continuation.resume(
                        returning: .failure(
                            UpstreamFailure("its child has ended", hasNoChild: true)))
                }
                self.ready { result in
                    guard case .success(let process) = result else {
                        if case .failure(let trouble) = result {
                            continuation.resume(returning: .failure(trouble))
                        }
                        return
                    }
                    guard let handshake = process.handshake, handshake.lists.contains(list) else {
                        return continuation.resume(returning: .success(nil))
                    }
                    let id = self.shared.nextID()
                    let envelope =
                        handshake.version.isModern ? self.shared.envelope(handshake.version) : nil
                    self.ask(
                        process, id, UpstreamMessages.list(list, id: id, cursor: cursor, envelope),
                        patience: self.limits.handshake
                    ) { answer in
                        continuation.resume(
                            returning: answer.result.flatMap { Self.page($0, of: list) })
                    }
                }
            }
        }
    }

    private static func page(
        _ object: JSONObject, of list: FeatureListMethod
    ) -> Result<UpstreamPage?, UpstreamFailure> {
        do throws(UpstreamProtocolError) {
            return .success(try UpstreamPage(object, of: list))
        } catch {
            return .failure(UpstreamFailure(error.description, wasAnswered: true))
        }
    }
}
