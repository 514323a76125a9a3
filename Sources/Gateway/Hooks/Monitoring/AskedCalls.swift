import InterlockModel

/// The calls that a run's hook asked about, with what the gateway said last, the newest `most` of them.
struct AskedCalls: Sendable {
    enum Answer: Sendable, Hashable { case permitted, denied }

    /// Far more than the open calls of a run (`HostCallRegistry.most`), whose ends alone are awaited.
    static let most = 1024

    private var answers: [Digest: (answer: Answer, number: Int)] = [:]
    private var next = 0

    subscript(call: Digest) -> Answer? { answers[call]?.answer }

    mutating func note(_ call: Digest, _ answer: Answer) {
        answers[call] = (answer, next)
        next += 1
        guard answers.count > Self.most else { return }
        // Half at a time, so that a long session does not sort at each call.
        let oldest = answers.sorted { $0.value.number < $1.value.number }.prefix(Self.most / 2)
        for (call, _) in oldest { answers[call] = nil }
    }
}
