import InterlockCluster
import InterlockJSON
import InterlockModel
import InterlockPorts

/// Requests as this node verifies them. A standby or deposed primary may answer a reading, so a change names the version
/// on which it builds.
extension ClusterApprovalStore {
    /// The number of times that a row is read before it is void: row and chain are not of one moment.
    private static let readings = 3

    /// The chain against which rows are verified now.
    func applied() throws(StoreFailure) -> ChainFollower {
        let follower = chain.applied
        guard follower.isSound else {
            throw StoreFailure(
                reason: "this node may not act on its copy of the control chain", mayPass: true)
        }
        return follower
    }

    /// Reads and verifies one request; nil if the store has none of this id.
    func request(
        _ id: ApprovalID
    ) async throws(StoreFailure) -> Result<CountedRequest, UnusableRow>? {
        let address = RowAddress(.approval, id.text)
        var fault = UnusableRow(address, reason: "it was not read")
        for _ in 0..<Self.readings {
            let stored: StoredRequest?
            do throws(ClusterCallFailure) { stored = try await store.request(id) } catch {
                guard case .unreadable = error else { throw StoreFailure(error) }
                fault = UnusableRow(address, error)
                break
            }
            guard let stored else { return nil }
            let follower = try applied()
            do throws(RowRejection) { return .success(try verify(stored, in: follower)) } catch {
                fault = UnusableRow(address, error)
            }
            await chain.catchUp()
        }
        raise(fault)
        return .failure(fault)
    }

    /// Reads the newest requests in these states that were made since `time`, the newest first.
    ///
    /// - Returns: also the ids of rows that are void.
    func requests(
        in statuses: [RequestStatus], since time: Timestamp = Timestamp(microseconds: 0),
        most: Int
    ) async throws(StoreFailure) -> (
        bodies: [(version: Int, body: JSONValue)], unreadable: [String]
    ) {
        let first = ApprovalID.least(since: time)
        var bodies: [(version: Int, body: JSONValue)] = []
        var unreadable: [String] = []
        var last: ExactText?
        while bodies.count < most {
            let page: [FoundRequest]
            do throws(ClusterCallFailure) {
                page = try await store.requests(in: statuses, from: first, before: last)
            } catch { throw StoreFailure(error) }
            guard let end = page.last else { break }
            last = end.id
            for found in page where bodies.count < most {
                switch try await usable(found) {
                case nil: break
                case .failure?: unreadable.append(found.id.text)
                case .success(let request)?:
                    guard statuses.contains(request.status) else { break }
                    if let row = row(of: request) {
                        bodies.append(row)
                    } else {
                        unreadable.append(found.id.text)
                    }
                }
            }
        }
        return (bodies, unreadable)
    }

    /// Verifies a request of a page; one that does not verify is read again.
    private func usable(
        _ found: FoundRequest
    ) async throws(StoreFailure) -> Result<CountedRequest, UnusableRow>? {
        let follower = try applied()
        if case .success(let stored) = found.request,
            let request = try? verify(stored, in: follower)
        {
            return .success(request)
        }
        guard let id = ApprovalID(found.id.text) else {
            let address = RowAddress(.approval, found.id.text)
            let fault = UnusableRow(address, reason: "its id is not that of a request")
            raise(fault)
            return .failure(fault)
        }
        return try await request(id)
    }

    /// The row as the port has it; nil if what its nodes signed has another form, which raises the alert.
    func row(of request: CountedRequest) -> (version: Int, body: JSONValue)? {
        guard let body = ApprovalBody.json(of: request, at: store.node, origin: origin) else {
            raise(
                UnusableRow(
                    request.verified.columns.address, reason: "its content has another form"))
            return nil
        }
        return (Int(request.verified.columns.version), body)
    }
}
