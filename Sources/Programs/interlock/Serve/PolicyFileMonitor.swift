import CLinux
import Glibc
import InterlockCommandLine
import InterlockPolicyCommands

/// Reports changes of the policy on disk: of the folder, its subfolders and the files next to it. Editors and git
/// write many files in succession, so it waits until a second has passed without a change, at most ten seconds.
@safe final class PolicyFileMonitor: Sendable {
    static let quietMilliseconds: Int32 = 1000
    static let mostQuietPeriods = 10

    private let events: Int32
    private let wakeup: Int32

    /// - Parameters:
    ///   - path: the policy's file or folder.
    ///   - onChange: called on the monitor's own thread.
    /// - Throws: a failure if the kernel provides no watch; the policy is then read again only on SIGHUP.
    init(_ path: String, onChange: @escaping @Sendable () -> Void) throws(FileFailure) {
        events = inotify_init1(Int32(IN_CLOEXEC) | Int32(IN_NONBLOCK))
        guard events >= 0 else { throw FileFailure("watch", path) }
        wakeup = eventfd(0, Int32(EFD_CLOEXEC))
        guard wakeup >= 0 else {
            close(events)
            throw FileFailure("watch", path)
        }
        var watcher = Watcher(
            source: RevisionSource(path: path), events: events, wakeup: wakeup, onChange: onChange)
        guard startThread({ watcher.run() }) else {
            throw FileFailure(message: "there is no thread to watch `\(path)`")
        }
    }

    /// Ends the thread soon; `onChange` may still be running.
    func stop() {
        var one: UInt64 = 1
        _ = unsafe write(wakeup, &one, 8)
    }
}

/// The state of the thread, which closes both descriptors at its end.
private struct Watcher {
    let source: RevisionSource
    let events: Int32
    let wakeup: Int32
    let onChange: @Sendable () -> Void
    /// The relevant names, by watch, of folders in which only some names matter.
    var filters: [Int32: Set<String>] = [:]
    var buffer = [UInt8](repeating: 0, count: 64 << 10)

    private static let mask = UInt32(
        IN_CLOSE_WRITE | IN_CREATE | IN_DELETE | IN_MOVED_FROM | IN_MOVED_TO | IN_DELETE_SELF
            | IN_MOVE_SELF | IN_ONLYDIR)

    mutating func run() {
        defer {
            close(events)
            close(wakeup)
        }
        watch()
        var quietPeriods: Int?
        while true {
            var polls = [
                pollfd(fd: events, events: Int16(POLLIN), revents: 0),
                pollfd(fd: wakeup, events: Int16(POLLIN), revents: 0),
            ]
            let ready = unsafe poll(
                &polls, 2, quietPeriods == nil ? -1 : PolicyFileMonitor.quietMilliseconds)
            if ready < 0, errno == EINTR { continue }
            guard ready >= 0, polls[1].revents == 0 else { return }
            let hasChanged = ready > 0 && readEvents()
            if hasChanged, (quietPeriods ?? 0) < PolicyFileMonitor.mostQuietPeriods {
                quietPeriods = (quietPeriods ?? 0) + 1
            } else if quietPeriods != nil, ready == 0 || hasChanged {
                quietPeriods = nil
                watch()
                onChange()
            }
        }
    }

    /// Watches the folders that exist now; a folder that is watched already stays watched.
    private mutating func watch() {
        let name = source.path.split(separator: "/").last.map(String.init) ?? source.path
        add(
            source.folder,
            Set(PolicyParts.names + [name, RevisionSource.signOffName, "interlock.lock"]))
        add(source.path, nil)
        for folder in ["agents", "elevations", "servers", "tests"] {
            add(source.path + "/" + folder, nil)
        }
        let parts = (try? PolicyParts(folder: source.folder).paths()) ?? []
        let folders = parts.compactMap { part in
            part.lastIndex(of: "/").map { String(part[..<$0]) }
        }
        for folder in Set(folders) {
            add(source.folder + "/" + folder, nil)
        }
    }

    private mutating func add(_ folder: String, _ names: Set<String>?) {
        let watch = unsafe inotify_add_watch(events, folder, Self.mask)
        guard watch >= 0 else { return }
        filters[watch] = names
    }

    /// - Returns: whether one of the events concerns the policy.
    private mutating func readEvents() -> Bool {
        var isOurs = false
        while true {
            let count = unsafe read(events, &buffer, buffer.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { return isOurs }
            if scan(buffer[..<count]) { isOurs = true }
        }
    }

    /// Parses `struct inotify_event`: watch, mask, cookie, length of the name, name padded with zeros.
    ///
    /// - Returns: whether one of the events concerns the policy.
    private func scan(_ bytes: ArraySlice<UInt8>) -> Bool {
        var rest = bytes
        var isOurs = false
        while rest.count >= 16 {
            func word(_ place: Int) -> UInt32 {
                (0..<4).reduce(0) { $0 | UInt32(rest[rest.startIndex + place + $1]) << (8 * $1) }
            }
            let watch = Int32(bitPattern: word(0))
            let length = min(Int(word(12)), rest.count - 16)
            let name = String(
                decoding: rest.dropFirst(16).prefix(length).prefix { $0 != 0 }, as: UTF8.self)
            if word(4) & UInt32(IN_IGNORED) == 0 {
                isOurs = isOurs || (filters[watch].map { $0.contains(name) } ?? true)
            }
            rest = rest.dropFirst(16 + length)
        }
        return isOurs
    }
}
