"""Which client of the API asked for a job."""

from django.db import models

from catalog.models.job import DescriptionJob


class JobOwner(models.Model):
    """Only this client, and people who may see all jobs, are told of the job."""

    job = models.OneToOneField(
        DescriptionJob, primary_key=True, on_delete=models.CASCADE, related_name="api_owner"
    )
    owner = models.CharField(max_length=60, db_index=True)

    def __str__(self) -> str:
        return f"{self.job} of {self.owner}"
