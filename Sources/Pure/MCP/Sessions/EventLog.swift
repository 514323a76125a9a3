package import InterlockModel

/// The events of one session's streams, kept for a while for a client that lost a connection (specs of
/// MCP, sections 2 and 10). Notifications give way first; where an answer or a question had to give way
/// too, a client that has not seen it is told that its stream cannot go on.
package struct EventLog: Sendable {
    package static let streamBytes = 1 << 20
    /// Of all streams of the session together.
    package static let sessionBytes = 4 << 20
    package static let lifetime = Duration.seconds(300)
    static let endedStreams = 64
    /// Of an event beside its data.
    private static let overheadBytes = 64

    package enum Replay: Sendable {
        /// No such stream, or no such event of it.
        case unknown
        /// Something that the client must know is no longer kept.
        case lost
        /// What came after the event; `isOver` where nothing more comes.
        case events([(id: EventID, data: [UInt8])], isOver: Bool)
    }

    private struct Event: Sendable {
        let number: Int
        let data: [UInt8]
        let isNeeded: Bool
        let at: BootTime
        var bytes: Int { data.count + EventLog.overheadBytes }
    }

    private struct Stream: Sendable {
        /// What the credential is for to which all of it was told; nil for all that the policy grants.
        var scopes: ScopeSet?
        var events: [Event] = []
        var bytes = 0
        /// The newest event.
        var last = 0
        /// The newest event that was needed and is no longer kept.
        var lost = 0
        var ended: BootTime?

        mutating func drop(at place: Int) {
            let event = events.remove(at: place)
            bytes -= event.bytes
            if event.isNeeded { lost = max(lost, event.number) }
        }

        mutating func fit(_ limitBytes: Int) {
            while bytes > limitBytes { drop(at: events.firstIndex { !$0.isNeeded } ?? 0) }
        }
    }

    private var streams: [Int: Stream] = [:]
    private var lastStream = 0

    package init() {}

    /// Kept of all streams.
    package var bytes: Int { streams.values.reduce(0) { $0 + $1.bytes } }

    /// - Parameter scopes: of the credential that it is told to.
    /// - Returns: the number of a new stream.
    package mutating func open(for scopes: ScopeSet?) -> Int {
        lastStream += 1
        streams[lastStream] = Stream(scopes: scopes)
        return lastStream
    }

    /// An id for an event without data, which only says where the stream can go on.
    ///
    /// - Returns: nil where nothing more can come: the stream has ended, or is forgotten.
    package mutating func mark(_ stream: Int) -> EventID? {
        guard var marked = streams[stream], marked.ended == nil else { return nil }
        marked.last += 1
        streams[stream] = marked
        return EventID(stream: stream, number: marked.last)
    }

    /// - Parameter isNeeded: an answer or a request; not a notification.
    /// - Returns: nil as `mark`: what comes after the answer is told nobody.
    package mutating func append(
        _ data: [UInt8], to stream: Int, isNeeded: Bool, now: BootTime
    ) -> EventID? {
        guard let id = mark(stream) else { return nil }
        let event = Event(number: id.number, data: data, isNeeded: isNeeded, at: now)
        streams[stream]?.events.append(event)
        streams[stream]?.bytes += event.bytes
        streams[stream]?.fit(Self.streamBytes)
        makeRoom(beside: stream)
        return id
    }

    /// Nothing more comes.
    package mutating func end(_ stream: Int, now: BootTime) {
        streams[stream]?.ended = now
        let ended = streams.filter { $0.value.ended != nil }.keys.sorted()
        for old in ended.dropLast(Self.endedStreams) { streams[old] = nil }
    }

    package mutating func forget(_ stream: Int) { streams[stream] = nil }

    /// Goes on with a stream, which belongs to this credential from then on.
    ///
    /// - Parameter scopes: of the credential that comes back; for less than the one before, it has no part
    ///   in what was told to that.
    package mutating func goOn(after id: EventID, for scopes: ScopeSet?) -> Replay {
        guard let stream = streams[id.stream], id.number <= stream.last,
            ScopeSet.isWithin(stream.scopes, scopes)
        else { return .unknown }
        let replay = after(id, in: stream)
        if case .events = replay { streams[id.stream]?.scopes = scopes }
        return replay
    }

    private func after(_ id: EventID, in stream: Stream) -> Replay {
        guard stream.lost <= id.number else { return .lost }
        return .events(
            stream.events.filter { $0.number > id.number }.map {
                (EventID(stream: id.stream, number: $0.number), $0.data)
            }, isOver: stream.ended != nil)
    }

    /// Drops what is too old.
    package mutating func expire(now: BootTime) {
        for number in streams.keys {
            while let event = streams[number]?.events.first, now - event.at > Self.lifetime {
                streams[number]?.drop(at: 0)
            }
            if let ended = streams[number]?.ended, now - ended > Self.lifetime {
                streams[number] = nil
            }
        }
    }

    /// Streams that have ended give way first, then the oldest.
    private mutating func makeRoom(beside stream: Int) {
        while bytes > Self.sessionBytes {
            let others = streams.filter { $0.key != stream && $0.value.bytes > 0 }
            if let ended = others.filter({ $0.value.ended != nil }).keys.min() {
                streams[ended] = nil
            } else if let oldest = others.keys.min() {
                streams[oldest]?.fit(0)
            } else {
                return
            }
        }
    }
}
