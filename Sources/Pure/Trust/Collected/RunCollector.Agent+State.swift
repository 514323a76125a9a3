import InterlockJSON
import InterlockModel

extension RunCollector.Agent {
    func append(to state: inout StateWriter) {
        state.add(cusum.sum)
        state.add(cusum.rise)
        state.add(cusum.fall)
        state.add(each: runs) { $1.append(to: &$0) }
        state.add(each: denialsOutsideRuns)
        state.add(each: unknownRuns.sorted { $0.key < $1.key }) { state, run in
            state.add(run.key.text)
            state.add(run.value)
        }
        state.add(each: repeatedDenials.sorted { $0.base64 < $1.base64 })
        state.add(each: classifications.sorted { $0.key.base64 < $1.key.base64 }) { state, one in
            state.add(one.key)
            one.value.append(to: &state)
        }
        state.add(each: stage.events) { $1.append(to: &$0) }
        state.add(each: exceptions) { $0.add($1) }
        state.add(each: denialAlarms) { state, alarm in
            state.add(alarm.leaf)
            state.add(alarm.time)
        }
        state.add(denialAlarmCount)
        state.add(each: incidents) { state, incident in
            state.add(incident.severity)
            state.add(incident.time)
            state.add(incident.leaf)
        }
        state.add(confirmation) { state, confirmation in
            state.add(confirmation.owner)
            state.add(confirmation.time)
            state.add(confirmation.leaf)
        }
        state.add(lastChange) { state, change in
            state.add(case: change.change)
            state.add(change.leaf)
            state.add(change.time)
        }
        state.add(policy) { $0.add($1) }
        state.add(files) { state, files in state.add(files.digest) { $0.add($1) } }
        state.add(lastStart) { $0.add($1) }
        state.add(model?.text) { $0.add($1) }
        state.add(each: locks.sorted { $0.key < $1.key }) { state, lock in
            state.add(lock.key.text)
            state.add(lock.value)
        }
    }

    init(_ state: inout StateReader) throws(CollectedRunsFault) {
        let (sum, rise, fall) = (try state.number(), try state.number(), try state.number())
        guard let cusum = DenialCusum(sum: sum, rise: rise, fall: fall) else { throw .malformed }
        self.init(cusum)
        for _ in try 0..<state.count() { runs.append(try RunFacts(&state)) }
        denialsOutsideRuns = try state.digests()
        for _ in try 0..<state.count() {
            let run = try state.text()
            unknownRuns[run] = try state.digest()
        }
        repeatedDenials = Set(try state.digests())
        for _ in try 0..<state.count() {
            let denial = try state.digest()
            classifications[denial] = try RecordedCause(&state)
        }
        var events: [StageEvent] = []
        for _ in try 0..<state.count() { events.append(try StageEvent(&state)) }
        stage = LoggedStage(events: events)
        for _ in try 0..<state.count() { exceptions.append(try state.time()) }
        for _ in try 0..<state.count() {
            let leaf = try state.digest()
            denialAlarms.append(DenialAlarm(leaf: leaf, time: try state.time()))
        }
        denialAlarmCount = try state.number()
        for _ in try 0..<state.count() {
            let (severity, time) = (try state.number(), try state.time())
            incidents.append(
                TrustIncident(severity: severity, time: time, leaf: try state.digest()))
        }
        if try state.flag() {
            let (owner, time) = (try state.text(), try state.time())
            confirmation = OwnerConfirmation(owner: owner, time: time, leaf: try state.digest())
        }
        if try state.flag() {
            let change = try state.oneOf(FingerprintChange.self)
            let leaf = try state.digest()
            lastChange = RecordedChange(change: change, leaf: leaf, time: try state.time())
        }
        policy = try state.optionalDigest()
        if try state.flag() { files = RunCollector.RunFiles(digest: try state.optionalDigest()) }
        if try state.flag() { lastStart = try state.record() }
        model = try state.optionalText().map { ExactText($0) }
        for _ in try 0..<state.count() {
            let text = try state.text()
            guard let server = ServerName(text) else { throw .malformed }
            locks[server] = try state.digest()
        }
    }
}

extension RecordedCause {
    fileprivate func append(to state: inout StateWriter) {
        state.add(case: cause)
        state.add(leaf)
        state.add(by)
        state.add(time)
        state.add(policy) { $0.add($1) }
    }

    fileprivate init(_ state: inout StateReader) throws(CollectedRunsFault) {
        let (cause, leaf) = (try state.oneOf(DenialCause.self), try state.digest())
        let (person, time) = (try state.text(), try state.time())
        self.init(
            cause: cause, leaf: leaf, by: person, time: time, policy: try state.optionalDigest())
    }
}

extension StageEvent {
    fileprivate func append(to state: inout StateWriter) {
        state.add(case: kind)
        state.add(at)
        state.add(date)
        state.add(record)
        state.add(leaf)
        state.add(from) { $0.add(case: $1) }
        state.add(case: to)
        state.add(code) { $0.add($1) }
        state.add(until) { $0.add($1) }
        state.add(isKept)
    }

    fileprivate init(_ state: inout StateReader) throws(CollectedRunsFault) {
        let kind = try state.oneOf(Kind.self)
        let (at, date) = (try state.time(), try state.time())
        let (record, leaf) = (try state.unsigned(), try state.digest())
        let from = try state.flag() ? state.oneOf(AutonomyStage.self) : nil
        let to = try state.oneOf(AutonomyStage.self)
        let (code, until) = (try state.optionalText(), try state.optionalTime())
        self.init(
            kind, at: at, date: date, record: record, leaf: leaf, from: from, to: to, code: code,
            until: until, isKept: try state.flag())
    }
}
