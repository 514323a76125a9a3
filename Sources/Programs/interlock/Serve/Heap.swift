import CLinux
import InterlockGovernor
import Synchronization

/// The settings of glibc's allocator for a process that runs for weeks.
enum Heap {
    private static let keptBytes: Int32 = 8 << 20

    private static let quiet = Mutex(QuietAfterLoad())

    /// Keeps free pages; otherwise a loop's arena would return its top pages and fetch them again every few calls.
    static func keepPages() {
        mallopt(M_TRIM_THRESHOLD, keptBytes)
        mallopt(M_TOP_PAD, 256 << 10)
    }

    /// Returns free pages to the kernel: those that only the start needed (policy texts, recovery), and those of a load
    /// that is over.
    static func giveBack() { malloc_trim(0) }

    /// Returns free pages if a load has just ended. Called every second.
    ///
    /// - Parameter requests: all requests since the start.
    static func sweep(requests: Int) {
        if quiet.withLock({ $0.begins(requests: requests) }) { giveBack() }
    }
}
