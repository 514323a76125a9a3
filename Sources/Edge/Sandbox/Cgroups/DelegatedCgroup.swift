import Glibc

/// A cgroup in which a cgroup for a run can be made: it was delegated to this user (docs/specs/sandbox.md, section 9).
package struct DelegatedCgroup: Sendable, Hashable {
    /// The path of its folder.
    package let folder: String
    /// The controllers that a cgroup in it has, of those that limits need.
    package let controllers: Set<Controller>
    /// True if this process must leave it first: a cgroup with controllers has processes in its leaves alone.
    let mustMove: Bool

    package enum Controller: String, Sendable, Hashable, CaseIterable { case cpu, memory, pids }

    /// The reason why there is no place.
    package struct Absence: Error, Sendable, Hashable { package let reason: String }

    /// Finds the place by the cgroup of this process, and changes nothing.
    ///
    /// It is that cgroup if no other process is in it, as in a scope that was delegated to this command, or the one above
    /// it. A slice belongs to systemd, also below a user's own instance of it.
    package init(_ files: some CgroupFiles, process: Int32) throws(Absence) {
        guard let mount = Self.mount(files.read("/proc/self/mountinfo") ?? "") else {
            throw Absence(reason: "no cgroup v2 is mounted")
        }
        guard let own = Self.own(files.read("/proc/self/cgroup") ?? "") else {
            throw Absence(reason: "the cgroup of this process is not known")
        }
        let folder = own == "/" ? mount : mount + own
        if Self.isDelegated(folder, files),
            files.read(folder + "/cgroup.procs") == "\(process)\n"
        {
            self.init(folder, mustMove: true, files)
            return
        }
        let above = String(folder[..<(folder.lastIndex(of: "/") ?? folder.startIndex)])
        guard own != "/", above.utf8.count >= mount.utf8.count, !above.hasSuffix(".slice"),
            Self.isDelegated(above, files), files.read(above + "/cgroup.procs") == ""
        else { throw Absence(reason: "no cgroup is delegated to this user") }
        self.init(above, mustMove: false, files)
    }

    private init(_ folder: String, mustMove: Bool, _ files: some CgroupFiles) {
        self.folder = folder
        self.mustMove = mustMove
        // Those that are not passed down yet can be, by the owner of the delegated tree.
        let words = (files.read(folder + "/cgroup.controllers") ?? "").split { $0.isWhitespace }
        controllers = Set(words.compactMap { Controller(rawValue: String($0)) })
    }

    private static func isDelegated(_ folder: String, _ files: some CgroupFiles) -> Bool {
        [folder, folder + "/cgroup.procs", folder + "/cgroup.subtree_control"].allSatisfy(
            files.isWritable)
    }

    /// The path below the mount, from `/proc/self/cgroup`; nil for one outside of it.
    static func own(_ text: String) -> String? {
        for line in text.split(separator: "\n") where line.hasPrefix("0::/") {
            let path = String(line.dropFirst(3))
            return path.contains("/..") ? nil : path
        }
        return nil
    }

    /// The mount point of the whole tree, from `/proc/self/mountinfo`.
    static func mount(_ text: String) -> String? {
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let dash = words.firstIndex(of: "-"), dash + 1 < words.count,
                words[dash + 1] == "cgroup2", words.count > 5, words[3] == "/",
                !words[4].contains("\\")
            else { continue }
            return String(words[4])
        }
        return nil
    }
}
