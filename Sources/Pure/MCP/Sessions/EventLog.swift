package import InterlockModel

/// The recent events of one session's streams, kept for clients that lost a connection (docs/specs/mcp.md, sections 2
/// and 10). Notifications are evicted first. If a response or request was evicted too, a client that has not received
/// it is refused resumption.
///
/// INVARIANT: a legacy client that resumes a stream misses no message that it needs, or learns that it does. Kept by
/// `EventLogTests`, `ResumptionTests`, `test_resumption.py`.
package struct EventLog: Sendable {
    package static let streamBytes = 1 << 20
    /// The limit on all streams of the session together, in bytes.
    package static let sessionBytes = 4 << 20
    package static let lifetime = Duration.seconds(300)
    static let endedStreams = 64
    /// The accounted size of an event in addition to its data, in bytes.
    private static let overheadBytes = 64

    package enum Replay: Sendable {
        /// The stream or the event in it does not exist.
        case unknown
        /// An event that the client requires is no longer kept.
        case lost
        /// The events after the given one; `isOver` is true if no more will follow.
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
        /// The scopes of the credential that received the whole stream, or nil if they are unrestricted.
        var scopes: ScopeSet?
        var events: [Event] = []
        var bytes = 0
        /// The number of the newest event.
        var last = 0
        /// The number of the newest required event that is no longer kept.
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

    /// The accounted size of all streams, in bytes.
    package var bytes: Int { streams.values.reduce(0) { $0 + $1.bytes } }

    /// - Parameter scopes: the scopes of the credential that receives the stream.
    /// - Returns: the number of a new stream.
    package mutating func open(for scopes: ScopeSet?) -> Int {
        lastStream += 1
        streams[lastStream] = Stream(scopes: scopes)
        return lastStream
    }

    /// Returns an id for an event without data, which serves only as a resumption point.
    ///
    /// - Returns: nil if no more events can follow because the stream has ended or is forgotten.
    package mutating func mark(_ stream: Int) -> EventID? {
        guard var marked = streams[stream], marked.ended == nil else { return nil }
        marked.last += 1
        streams[stream] = marked
        return EventID(stream: stream, number: marked.last)
    }

    /// - Parameter isNeeded: true for a response or a request, false for a notification.
    /// - Returns: nil as for `mark`: an event after the end of the stream is dropped.
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

    /// Ends the stream: no more events follow.
    package mutating func end(_ stream: Int, now: BootTime) {
        streams[stream]?.ended = now
        let ended = streams.filter { $0.value.ended != nil }.keys.sorted()
        for old in ended.dropLast(Self.endedStreams) { streams[old] = nil }
    }

    package mutating func forget(_ stream: Int) { streams[stream] = nil }

    /// Resumes a stream, which belongs to the given credential from then on.
    ///
    /// - Parameter scopes: the scopes of the resuming credential. If they do not include those of the previous one, the
    ///   stream is reported as unknown.
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

    /// Drops events and ended streams that are older than `lifetime`.
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

    /// Frees space in other streams: those that have ended first, then the oldest.
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
