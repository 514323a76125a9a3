import Glibc
package import InterlockPolicy
import InterlockPorts
package import InterlockSandbox

/// The limits that a cgroup keeps for a run: found out before the run begins, so that its first record says what is not kept
/// (docs/specs/sandbox.md, section 9).
package struct RunCgroupPlan: Sendable {
    /// Is nil if no cgroup can be made.
    package let place: DelegatedCgroup?
    /// The reason why not everything is kept, or nil.
    package let absence: String?
    private let limits: CgroupLimits
    private let files: any CgroupFiles

    /// - Parameters:
    ///   - isTrial: finds out what would be kept, and changes nothing.
    ///   - unused: the reason why no cgroup is made for the run, or nil.
    /// - Throws: `no-cgroup` if the policy requires what is not there.
    package init(
        _ limits: SandboxLimits, isTrial: Bool, unused: String? = nil,
        files: any CgroupFiles = KernelCgroupFiles(), process: Int32 = getpid()
    ) throws(RunRefusal) {
        self.files = files
        self.limits = CgroupLimits(cpu: limits.cpu, memory: limits.memory, pids: limits.pids)
        var (found, reason): (DelegatedCgroup?, String?) = (nil, unused)
        if unused == nil {
            do throws(DelegatedCgroup.Absence) {
                found = try DelegatedCgroup(files, process: process)
            } catch { reason = error.reason }
        }
        if let place = found, !isTrial {
            do throws(LaunchFailure) { found = try place.prepared(files, process: process) } catch {
                (found, reason) = (nil, error.reason)
            }
        }
        place = found
        let missing = Self.missing(found)
        if found != nil, !missing.isEmpty {
            reason = "its cgroup has no controller for " + missing.joined(separator: " and ")
        }
        absence = reason
        guard limits.requiresCgroup, let reason else { return }
        throw RunRefusal(
            RunExit.noIsolation, "no-cgroup",
            "limits: `require_cgroup` is stated: \(reason)",
            help: "start it in a delegated scope: systemd-run --user --scope -p Delegate=yes ...")
    }

    /// The names of the limits that a cgroup keeps: `cpu`, `memory`, `pids`.
    package var kept: Set<String> { Set((place?.controllers ?? []).map(\.rawValue)) }

    /// A stable word for the reason why limits are not kept.
    package var degradation: String? {
        absence.map { _ in place == nil ? "no-cgroup" : "no-controller" }
    }

    private static func missing(_ place: DelegatedCgroup?) -> [String] {
        DelegatedCgroup.Controller.allCases.filter { place?.controllers.contains($0) != true }
            .map(\.rawValue)
    }

    /// The settings as `--dry-run` prints them; nil without a cgroup.
    package var lines: [String]? {
        guard let place else { return nil }
        return limits.lines(with: place.controllers)
    }

    /// Makes the cgroup of a run that is on record.
    ///
    /// - Returns: nil if there is no place for one.
    func make(_ run: String) throws(RunRefusal) -> RunCgroup? {
        guard let place else { return nil }
        do throws(LaunchFailure) {
            return try RunCgroup(in: place, run: run, limits, files)
        } catch { throw RunRefusal(RunExit.setup, "cgroup", error.reason) }
    }
}
