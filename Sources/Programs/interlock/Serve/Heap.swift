import CLinux

/// The settings of glibc's allocator for a process that runs for weeks.
enum Heap {
    private static let keptBytes: Int32 = 8 << 20

    /// Keeps free pages; otherwise a loop's arena would return its top pages and fetch them again every few calls.
    static func keepPages() {
        mallopt(M_TRIM_THRESHOLD, keptBytes)
        mallopt(M_TOP_PAD, 256 << 10)
    }

    /// Returns free pages to the kernel: those that only the start needed (policy texts, recovery), and those of a load
    /// that is over.
    static func giveBack() { malloc_trim(0) }
}
