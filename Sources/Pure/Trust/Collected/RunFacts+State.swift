import InterlockModel

extension RunFacts {
    func append(to state: inout StateWriter) {
        state.add(run)
        state.add(template?.text) { $0.add($1) }
        state.add(day)
        state.add(start)
        state.add(end) { $0.add($1) }
        state.add(hasCall)
        state.add(halvings)
        state.add(each: exclusions.sorted { $0.rawValue < $1.rawValue }) { $0.add(case: $1) }
        state.add(keepsFlaws)
        state.add(each: flaws) { state, flaw in
            state.add(case: flaw.kind)
            state.add(flaw.leaf)
        }
        state.add(granted)
        state.add(each: rejections)
        state.add(records)
        state.add(began)
        state.add(ended) { $0.add($1) }
        state.add(hasNamedTemplate)
        state.add(isInSum)
        state.add(hasModel)
    }

    init(_ state: inout StateReader) throws(CollectedRunsFault) {
        let run = try state.text()
        var template: RunTaskName?
        if let text = try state.optionalText() {
            guard let name = RunTaskName(text) else { throw .malformed }
            template = name
        }
        let day = try state.integer()
        self.init(run: run, template: template, day: day, start: try state.digest())
        end = try state.optionalDigest()
        hasCall = try state.flag()
        halvings = try state.number()
        for _ in try 0..<state.count() { exclusions.insert(try state.oneOf(Exclusion.self)) }
        keepsFlaws = try state.flag()
        for _ in try 0..<state.count() {
            let kind = try state.oneOf(RunFlaw.Kind.self)
            flaws.append(RunFlaw(kind, try state.digest()))
        }
        granted = try state.number()
        rejections = try state.digests()
        records = try state.integer()
        began = try state.number()
        ended = try state.optionalNumber()
        hasNamedTemplate = try state.flag()
        isInSum = try state.flag()
        hasModel = try state.flag()
    }
}
