package import InterlockPorts

extension ResultInspector {
    /// Inspects texts within a limit of time, the wait for other results included; then the inspection is late.
    package func inspect(_ texts: [String], within limit: Duration) async -> ResultInspection {
        let answer = FirstAnswer<ResultInspection>()
        let search = Task { answer.resolve(await inspect(texts)) }
        let timer = Task {
            try? await Task.sleep(for: limit)
            answer.resolve(.failed(.late))
        }
        defer {
            timer.cancel()
            search.cancel()
        }
        return await answer.value()
    }
}
