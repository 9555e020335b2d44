import { AuditList } from '../audit/list.tsx';

export const AccountAudit = ({ name }: { readonly name: string }) => <AuditList owner={name} />;
