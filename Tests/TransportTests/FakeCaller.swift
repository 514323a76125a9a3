import InterlockAdministration
import InterlockGovernor
import InterlockJSON
import InterlockMCP
import InterlockPorts
import Synchronization

/// A caller that accepts requests for input and stores them.
final class FakeCaller: InputSink {
    let declared: JSONObject
    let era: Era
    let asked = Mutex<[InputRequest]>([])
    private let reply: @Sendable ([InputRequest]) async -> InputRound

    init(
        declared: JSONObject = ["elicitation": [:]], era: Era = .modern,
        reply: @escaping @Sendable ([InputRequest]) async -> InputRound = FakeCaller.accept
    ) {
        self.declared = declared
        self.era = era
        self.reply = reply
    }

    static let accept: @Sendable ([InputRequest]) async -> InputRound = { requests in
        .answered(
            Dictionary(
                uniqueKeysWithValues: requests.map {
                    (ExactText($0.key), .result(["action": "accept", "content": ["sure": true]]))
                }))
    }

    func ask(_ requests: [InputRequest]) async -> InputRound {
        asked.withLock { $0 += requests }
        return await reply(requests)
    }
}
