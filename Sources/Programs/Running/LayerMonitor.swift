import Glibc
import InterlockCommandLine
import InterlockWorkspaceFiles

/// Ends a run whose layer takes too much space (docs/specs/sandbox.md, section 9). The agent may write meanwhile.
struct LayerMonitor: Sendable {
    let folder: RunFolder
    /// The most bytes of the layer.
    var limit: Int64
    /// A home on the disk, which counts too, or nil.
    var home: String?

    /// The monitor for a copy of the project: the limit is for what is written beyond what it has now. Called before the
    /// command is executed.
    var beyondCopy: LayerMonitor {
        var monitor = self
        if folder.isCopy, let whole = try? folder.whole() {
            monitor.limit += UpperUsage(of: whole).bytes
        }
        return monitor
    }

    /// The layer is walked at every tenth of the looks, which follow each other by a second.
    private static let looksForWalk = 10

    /// Looks until there is a cause to stop the run, or the process ends.
    func start(_ events: RunEvents) {
        let monitor = self
        let isStarted = startThread {
            var look = 0
            while true {
                sleep(1)
                let walks = look % Self.looksForWalk == 0
                if let cause = monitor.cause(walks: walks, noting: { events.written = $0 }) {
                    return events.add(.stop(cause))
                }
                look += 1
            }
        }
        if !isStarted { events.add(.stop(.fault)) }
    }

    /// - Parameters:
    ///   - walks: whether the layer is measured, or the free space alone.
    ///   - floor: the least bytes that are left to the user on its file system.
    ///   - note: receives the bytes of the layer.
    /// - Returns: nil if the run may continue.
    func cause(
        walks: Bool, floor: Int64 = UpperUsage.leastFreeBytes,
        noting note: (Int64) -> Void = { _ in }
    ) -> RunProgress.Cause? {
        do throws(WorkspaceFailure) {
            // A home and temporary files on the disk count too.
            let upper = folder.isCopy ? try folder.whole() : try folder.upper()
            guard let free = UpperUsage.freeBytes(of: upper) else { return .fault }
            guard free >= floor else { return .diskSpace }
            guard walks else { return nil }
            let usage = UpperUsage(of: upper, limit: limit)
            var bytes = usage.bytes
            var isOverflowing = usage.isOverflowing
            if let home, !folder.isCopy {
                let usage = UpperUsage(of: try Descriptor(folder: home), limit: limit)
                bytes += usage.bytes
                isOverflowing = isOverflowing || usage.isOverflowing
            }
            note(bytes)
            return bytes > limit || isOverflowing ? .workspaceSize : nil
        } catch { return .fault }
    }
}
